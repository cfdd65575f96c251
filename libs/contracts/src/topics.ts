/** Topics, declared once. Whoever needs one creates it when it is missing; settings of an existing topic are left alone. */
export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Sources take what a careless producer may send, so that it is set aside as a dead letter and not lost at its producer. */
const sourceBytesMax = String(4 * 1024 * 1024);
/** A dead letter is its record and the headers that say why. */
const deadLetterBytesMax = String(5 * 1024 * 1024);

export const topics = {
  weatherData: {
    name: 'weather-data',
    partitions: 3,
    config: { 'retention.ms': String(7 * dayMs), 'max.message.bytes': sourceBytesMax },
  },
  weatherForecasts: { name: 'weather-forecasts', partitions: 3, config: { 'retention.ms': String(7 * dayMs) } },
  weatherAlerts: { name: 'weather-alerts', partitions: 3, config: { 'cleanup.policy': 'compact' } },
  iotSensors: {
    name: 'iot-sensors',
    partitions: 3,
    config: { 'retention.ms': String(2 * dayMs), 'max.message.bytes': sourceBytesMax },
  },
  // One partition keeps the order of changes across people, as the database committed them.
  postgresUsers: {
    name: 'postgres-users',
    partitions: 1,
    config: { 'cleanup.policy': 'compact', 'max.message.bytes': sourceBytesMax },
  },
  postgresAlertLimits: { name: 'postgres-alert-limits', partitions: 3, config: { 'cleanup.policy': 'compact' } },
  // Queries write these and user-service reads them: whoever starts first finds them there.
  readingSignals: { name: 'reading-signals', partitions: 3, config: { 'cleanup.policy': 'compact' } },
  observationSignals: { name: 'observation-signals', partitions: 3, config: { 'cleanup.policy': 'compact' } },
  // What people were told, for a week. A person who is removed leaves a tombstone: compaction takes the rest, a day later at the earliest, so
  // that a reader who is behind misses nothing.
  userAlerts: {
    name: 'user-alerts',
    partitions: 3,
    config: {
      'cleanup.policy': 'compact,delete',
      'retention.ms': String(7 * dayMs),
      'min.compaction.lag.ms': String(dayMs),
    },
  },
  forecastSignals: { name: 'forecast-signals', partitions: 3, config: { 'cleanup.policy': 'compact' } },
  deadLetters: {
    name: 'dead-letters',
    partitions: 1,
    config: { 'retention.ms': String(14 * dayMs), 'max.message.bytes': deadLetterBytesMax },
  },
} as const satisfies Record<string, TopicDeclaration>;

/** Everything that must exist before the services and the queries start. */
export const declaredTopics: readonly TopicDeclaration[] = Object.values(topics);

/** Where the files of `ksql/` write; ksqlDB creates those of these topics that are not declared. */
export const resultTopics = {
  checkedObservations: 'checked-observations',
  weatherHealth: 'weather-health',
  weatherLatest: 'weather-latest',
  citySensors: 'city-sensors',
  cityConditions: 'city-conditions',
  cityWarnings: 'city-warnings',
  sensorSignals: 'sensor-signals',
  checkedReadings: 'checked-readings',
  lateReadings: 'late-readings',
  earlyReadings: 'early-readings',
  sensorPauses: 'sensor-pauses',
  sensorSilences: 'sensor-silences',
  sensorFlags: 'sensor-flags',
  sensorHealth: 'sensor-health',
  cityAverages5m: 'city-averages-5m',
  cityAverages1h: 'city-averages-1h',
  forecastAverages10m: 'forecast-averages-10m',
  sensorSessions30s: 'sensor-sessions-30s',
  userLocalSensors: 'user-local-sensors',
  userConditions: 'user-conditions',
  userAlertContext: 'user-alert-context',
  readingLimits: 'reading-limits',
  readingSignals: topics.readingSignals.name,
  observationLimits: 'observation-limits',
  observationSignals: topics.observationSignals.name,
  cityForecasts: 'city-forecasts',
  forecastLimits: 'forecast-limits',
  forecastSignals: topics.forecastSignals.name,
} as const;
