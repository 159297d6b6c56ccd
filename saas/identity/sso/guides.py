"""How to connect each provider, in the words of its own pages; what is pasted where stands below each guide."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

GUIDES = {
    "entra": (
        _l("In the Entra admin centre, open App registrations, New registration: accounts in this organizational directory only; redirect URI of type Web, with the callback address below."),
        _l("In Certificates & secrets, make a client secret and copy its value (not its ID)."),
        _l("In Token configuration, add the optional claim email to the ID token; in the Manifest, add xms_edov beside it (optionalClaims, idToken): without it, Entra does not vouch for addresses."),
        _l("The issuer is https://login.microsoftonline.com/ followed by your Directory (tenant) ID and /v2.0."),
    ),
    "google": (
        _l("In the Google Cloud console of your organisation, set the OAuth consent screen’s audience to Internal."),
        _l("In Credentials, create an OAuth client ID of type Web application, with the callback address below as an authorised redirect URI."),
        _l("The issuer is https://accounts.google.com. Google knows no sign-out address, and does not say when somebody last signed in: HR proves who they are by a mailed link where a page asks for it."),
    ),
    "okta": (
        _l("In the Okta admin console, create an app integration: OIDC, Web Application, grant type Authorization Code."),
        _l("Paste the callback address as the sign-in redirect URI and the signed-out address as the sign-out redirect URI, then assign the people who may come."),
        _l("The issuer is your Okta address, such as https://company.okta.com."),
    ),
    "keycloak": (
        _l("In your realm, create a client of type OpenID Connect, with client authentication and the standard flow on."),
        _l("Paste the callback address as a valid redirect URI, the signed-out address as a valid post logout redirect URI and the logout address as the backchannel logout URL."),
        _l("The issuer is your Keycloak address followed by /realms/ and the realm’s name."),
    ),
    "other": (
        _l("Create a web application for OpenID Connect: authorization code with PKCE (S256), scopes openid, email and profile."),
        _l("Paste the addresses below. The ID token, or userinfo, must say email and email_verified."),
    ),
}  # fmt: skip
