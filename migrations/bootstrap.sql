-- Run once per database by a superuser, before the migrations (docs/operations.md).
-- Roles belong to the whole cluster; the revokes belong to this database. Safe to run again.
SET client_min_messages = warning;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['app_owner', 'app_definer', 'ctx_platform', 'ctx_public', 'ctx_firm', 'ctx_workspace', 'ctx_community']
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE', name);
    END IF;
  END LOOP;
  -- NOINHERIT before the grants: PostgreSQL 16 and later freeze the flag at GRANT time.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_login') THEN
    CREATE ROLE app_login LOGIN NOINHERIT NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  -- A cluster shared by several databases meets these grants again, perhaps at the same moment.
  PERFORM pg_advisory_xact_lock(815173);
  GRANT ctx_platform, ctx_public, ctx_firm, ctx_workspace, ctx_community TO app_login;
  GRANT app_definer TO app_owner;
END
$$;

ALTER ROLE app_login SET statement_timeout = '30s';
ALTER ROLE app_login SET idle_in_transaction_session_timeout = '30s';
-- Many short statements: compiling one costs more than running it, where a server has a compiler for them.
ALTER ROLE app_login SET jit = off;

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO app_owner;
GRANT USAGE, CREATE ON SCHEMA public TO app_definer;
GRANT USAGE ON SCHEMA public TO ctx_platform, ctx_public, ctx_firm, ctx_workspace, ctx_community;
DO $$ BEGIN EXECUTE format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database()); END $$;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO app_owner, app_definer;
-- An injected set_config() would change the scope of a transaction: nobody but a superuser may call it.
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
REVOKE UPDATE ON pg_catalog.pg_settings FROM PUBLIC;
