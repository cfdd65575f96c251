#!/bin/sh
# Runs once, in an empty data folder: the owner of the people, and the role that change data capture reads with.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
  -v owner="$(cat /run/isobar-secrets/isobar-password)" -v cdc="$(cat /run/isobar-secrets/isobar-cdc-password)" <<'SQL'
CREATE ROLE isobar LOGIN PASSWORD :'owner';
CREATE ROLE isobar_cdc LOGIN REPLICATION PASSWORD :'cdc';
CREATE DATABASE isobar OWNER isobar;
\connect isobar
GRANT USAGE ON SCHEMA public TO isobar_cdc;
ALTER DEFAULT PRIVILEGES FOR ROLE isobar IN SCHEMA public GRANT SELECT ON TABLES TO isobar_cdc;
SQL
isobar-registry.sh
