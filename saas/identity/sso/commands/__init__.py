"""Acts of single sign-on: connecting a directory, proving a domain, letting people in, ending what was opened."""
