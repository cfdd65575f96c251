#!/bin/sh
set -eu
for name in postgres-password isobar-password isobar-cdc-password; do
  file=/run/isobar-secrets/$name
  # Readable by the other containers' users; the volume itself is mounted only where it is needed.
  [ -s "$file" ] || { head -c 24 /dev/urandom | base64 | tr '+/' '-_' > "$file.new" && chmod 0444 "$file.new" && mv "$file.new" "$file"; }
done
export POSTGRES_PASSWORD_FILE=/run/isobar-secrets/postgres-password
exec docker-entrypoint.sh "$@"
