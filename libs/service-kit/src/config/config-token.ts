import { getConfigToken, registerAs } from '@nestjs/config';

/** The namespace of a service's settings: `ConfigService` answers `service.PORT` as well as `PORT`. */
const namespace = 'service';

/**
 * Injection token of the checked settings as a whole, the KEY of a namespace of `@nestjs/config`; their type is the output of the
 * service's own schema: `@Inject(CONFIG) config: DashboardConfig`.
 */
export const CONFIG = getConfigToken(namespace);

/** What `ConfigModule` loads: the settings, one by one and as a namespace. The schema has checked and converted them already. */
export const loadSettings = (settings: Readonly<Record<string, unknown>>) => [
  () => settings,
  registerAs(namespace, () => ({ ...settings })),
];
