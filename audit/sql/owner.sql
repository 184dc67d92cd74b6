-- Who owns the audit logs. To be run as a superuser in the product's database; it can be repeated.
--
-- The application's login (ragsite) may add rows to audit_logs and audit_checkpoints and read them. It is not their owner
-- and not the owner of their schemas, so it cannot change, remove or empty them, drop or alter the tables, or switch
-- their triggers off. The owner is a role that nobody can sign in as.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'ragsite_audit') THEN
        CREATE ROLE ragsite_audit NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    -- What a migration has just made belongs to the application; as its member the owner can take it over.
    GRANT ragsite TO ragsite_audit;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO ragsite_audit', current_database());
END $$;

CREATE SCHEMA IF NOT EXISTS ragsite_guard AUTHORIZATION ragsite_audit;
REVOKE ALL ON SCHEMA ragsite_guard FROM PUBLIC;
GRANT USAGE ON SCHEMA ragsite_guard TO ragsite;

-- What is left of a company that was removed: its log, row by row.
CREATE TABLE IF NOT EXISTS ragsite_guard.closed_audit_logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    closed_at timestamptz NOT NULL DEFAULT now(),
    schema_name text NOT NULL,
    audit_row jsonb NOT NULL
);
ALTER TABLE ragsite_guard.closed_audit_logs OWNER TO ragsite_audit;
REVOKE ALL ON ragsite_guard.closed_audit_logs FROM PUBLIC, ragsite;
GRANT SELECT ON ragsite_guard.closed_audit_logs TO ragsite;

-- After a migration: the log of one schema, its triggers' function and the schema itself get their owner.
CREATE OR REPLACE FUNCTION ragsite_guard.take_over(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item text;
BEGIN
    IF to_regclass(format('%I.audit_logs', name)) IS NULL THEN
        RETURN;
    END IF;
    IF (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = name) <> 'ragsite_audit' THEN
        EXECUTE format('ALTER SCHEMA %I OWNER TO ragsite_audit', name);
    END IF;
    -- It makes its other tables there, as before.
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO ragsite', name);
    FOREACH item IN ARRAY ARRAY['audit_logs', 'audit_checkpoints'] LOOP
        IF to_regclass(format('%I.%I', name, item)) IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %I.%I OWNER TO ragsite_audit', name, item);
            EXECUTE format('REVOKE ALL ON %I.%I FROM PUBLIC, ragsite', name, item);
            EXECUTE format('GRANT SELECT, INSERT ON %I.%I TO ragsite', name, item);
        END IF;
    END LOOP;
    EXECUTE format('ALTER FUNCTION %I.audit_logs_refuse_change() OWNER TO ragsite_audit', name);
END $$;

-- A company is removed, or its onboarding failed: everything of it goes, but for its log.
CREATE OR REPLACE FUNCTION ragsite_guard.drop_company(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF name IN ('public', 'ragsite_guard', 'pgmq', 'information_schema') OR name LIKE 'pg\_%' THEN
        RAISE EXCEPTION '% is no company''s schema', name USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_regclass(format('%I.audit_logs', name)) IS NOT NULL THEN
        EXECUTE format(
            'INSERT INTO ragsite_guard.closed_audit_logs (schema_name, audit_row)'
            ' SELECT %L, to_jsonb(kept) FROM %I.audit_logs AS kept ORDER BY kept.id', name, name);
    END IF;
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', name);
END $$;

-- Before a migration that alters the tables themselves: back to the application, until take_over runs again. Not for the
-- application to call.
CREATE OR REPLACE FUNCTION ragsite_guard.release() RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT schemas.nspname, tables.relname
        FROM pg_class AS tables JOIN pg_namespace AS schemas ON schemas.oid = tables.relnamespace
        WHERE tables.relname IN ('audit_logs', 'audit_checkpoints') AND tables.relkind = 'r'
            AND pg_get_userbyid(tables.relowner) = 'ragsite_audit'
    LOOP
        EXECUTE format('ALTER TABLE %I.%I OWNER TO ragsite', found.nspname, found.relname);
        IF found.relname = 'audit_logs' THEN
            EXECUTE format('ALTER FUNCTION %I.audit_logs_refuse_change() OWNER TO ragsite', found.nspname);
        END IF;
    END LOOP;
END $$;

ALTER FUNCTION ragsite_guard.take_over(text) OWNER TO ragsite_audit;
ALTER FUNCTION ragsite_guard.drop_company(text) OWNER TO ragsite_audit;
REVOKE ALL ON FUNCTION ragsite_guard.take_over(text), ragsite_guard.drop_company(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ragsite_guard.release() FROM PUBLIC, ragsite;
GRANT EXECUTE ON FUNCTION ragsite_guard.take_over(text), ragsite_guard.drop_company(text) TO ragsite;
