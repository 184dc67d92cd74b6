#!/bin/sh
# Run once by the postgres image, on an empty data folder: the application's role, its database, and pgvector, which only a
# superuser may add. The role owns its database and can do nothing beyond it; the audit logs in it belong to another role.
set -eu

psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
    --set=password="${POSTGRES_APP_PASSWORD:?}" <<'SQL'
CREATE ROLE ragsite LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE ragsite OWNER ragsite;
REVOKE CONNECT ON DATABASE ragsite FROM PUBLIC;
\connect ragsite
CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;
\i /ragsite/owner.sql
SQL
