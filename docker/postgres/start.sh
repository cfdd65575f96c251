#!/bin/sh
set -eu
secrets='/run/isobar-secrets/postgres-password /run/isobar-secrets/isobar-password /run/isobar-secrets/isobar-cdc-password /run/isobar-secrets/registry-password'
# Only compose.secure.yml mounts this folder: the services' token, apart from the passwords that most of them must not know.
[ ! -w /run/isobar-api ] || secrets="$secrets /run/isobar-api/api-token"
for file in $secrets; do
  # Readable by the other containers' users; the volume itself is mounted only where it is needed.
  [ -s "$file" ] || { head -c 24 /dev/urandom | base64 | tr '+/' '-_' > "$file.new" && chmod 0444 "$file.new" && mv "$file.new" "$file"; }
done
export POSTGRES_PASSWORD_FILE=/run/isobar-secrets/postgres-password
exec docker-entrypoint.sh "$@"
