export { addedTo, writeAddedCities } from './cities/added-cities.js';
export { CitiesFileError } from './cities/cities-file-error.js';
export { citiesFiles, citiesVariables, type CitiesFiles } from './cities/cities-files.js';
export { CityCatalog, readAllCities, readCities, type CityChange } from './cities/city-catalog.js';
export { cityId, citySchema, type City } from './cities/city.js';
export { writeCities } from './cities/write-cities.js';
export { noiseAt, simulatedAtmosphere, smoothNoise, type Atmosphere } from './cities/simulated-climate.js';
export type { SqlType } from './events/columns.js';
export { EventType, type AvroRecord, type EventRecord, type SqlColumn } from './events/define-event.js';
export { eventId } from './events/event-id.js';
export type { EventHeaders } from './events/headers.js';
export { airQualityCategory, pm25ToAirQualityIndex, type AirQualityCategory } from './sensors/air-quality.js';
export {
  queryHealths,
  systemHealths,
  unwellQueryHealths,
  versionStates,
  type QueryHealth,
  type SystemHealth,
  type VersionState,
} from './health/health-states.js';
export { alertLimitRowV1, type AlertLimitRow } from './alerts/limit-row.v1.js';
export { userAlertV1, type UserAlert } from './alerts/user-alert.v1.js';
export { sensorReadingV1, type SensorReading } from './sensors/reading.v1.js';
export { isVisibleText, visibleTextError, withInvisibleEscaped } from './text/visible-text.js';
export { eventAheadMaxMsDefault, isTooFarAhead } from './time/ahead-bound.js';
export { declaredTopics, resultTopics, topics, type TopicDeclaration } from './topics.js';
export * from './units.js';
export { userRowV1, type UserRow } from './users/user-row.v1.js';
export { weatherAlertV1, type WeatherAlert } from './weather/alert.v1.js';
export { weatherForecastV1, type WeatherForecast } from './weather/forecast.v1.js';
export { weatherObservationV1, type WeatherObservation, type WeatherSource } from './weather/observation.v1.js';
