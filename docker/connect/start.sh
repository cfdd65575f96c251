#!/bin/sh
# The database's password was generated on first start; only the change data capture role is told to Connect.
ISOBAR_CDC_PASSWORD=$(cat /run/isobar-secrets/isobar-cdc-password) || exit 1
export ISOBAR_CDC_PASSWORD
exec /opt/kafka/bin/connect-distributed.sh /opt/kafka/config/connect.properties
