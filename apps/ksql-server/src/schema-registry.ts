import { HttpSchemaRegistry, type RegistryCredentials, type SchemaRegistry } from '@isobar/ksql-engine';
import { ConfigError } from '@isobar/service-kit/plain';
import type { ServerConfig } from './config.js';

type Properties = Readonly<Record<string, string>>;

export const REGISTRY_URL = 'ksql.schema.registry.url';
const BASIC = 'ksql.schema.registry.basic.auth.';
const BEARER_TOKEN = 'ksql.schema.registry.bearer.auth.token';

/**
 * The schema registry that the settings name, by ksqlDB's names or as SCHEMA_REGISTRY_URL and SCHEMA_REGISTRY_USER_INFO; undefined when
 * none is configured. Node's own settings decide about TLS, `NODE_EXTRA_CA_CERTS` above all.
 *
 * @throws ConfigError for what is no address, or credentials that are none
 */
export function openSchemaRegistry(
  properties: Properties,
  config: Pick<ServerConfig, 'SCHEMA_REGISTRY_URL' | 'SCHEMA_REGISTRY_USER_INFO'>,
): SchemaRegistry | undefined {
  const setting = properties[REGISTRY_URL] || config.SCHEMA_REGISTRY_URL;
  const addresses = setting.split(',').map((text) => text.trim());
  const urls = addresses.filter((text) => text !== '').map(urlOf);
  const [first] = urls;
  if (first === undefined) return undefined;
  const inUrl =
    first.username === '' ? '' : `${decodeURIComponent(first.username)}:${decodeURIComponent(first.password)}`;
  const userInfo =
    properties[`${BASIC}credentials.source`]?.toUpperCase() === 'URL'
      ? inUrl
      : properties[`${BASIC}user.info`] || config.SCHEMA_REGISTRY_USER_INFO || inUrl;
  return new HttpSchemaRegistry({
    urls: urls.map(withoutCredentials),
    credentials: credentialsOf(userInfo, properties[BEARER_TOKEN]),
  });
}

function credentialsOf(userInfo: string, token: string | undefined): RegistryCredentials | undefined {
  if (token) return { kind: 'bearer', token };
  if (userInfo === '') return undefined;
  const colon = userInfo.indexOf(':');
  if (colon < 1) throw wrong('SCHEMA_REGISTRY_USER_INFO', 'the credentials are no user:password (value hidden)');
  return { kind: 'basic', user: userInfo.slice(0, colon), password: userInfo.slice(colon + 1) };
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw wrong('SCHEMA_REGISTRY_URL', `one of the addresses does not begin with http:// or https:// and a host`);
}

const withoutCredentials = (url: URL): string => {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
};

const wrong = (variable: string, problem: string): ConfigError =>
  new ConfigError('ksql-server', [{ variable, what: 'the schema registry', problem }]);
