#!/bin/sh
# The schema registry's role and database. Runs with the first start; by hand for a data folder that is older than this file.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -v password="$(cat /run/isobar-secrets/registry-password)" <<'SQL'
SELECT 'CREATE ROLE registry' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'registry') \gexec
ALTER ROLE registry LOGIN PASSWORD :'password';
SELECT 'CREATE DATABASE registry OWNER registry' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'registry') \gexec
SQL
