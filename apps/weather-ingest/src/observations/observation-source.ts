import type { City, WeatherObservation } from '@isobar/contracts';

/** An observation of a city with the flags that quality control gave its values. */
export interface CityObservation {
  readonly city: City;
  readonly value: WeatherObservation;
  /** Such as `temperature=V humidity=Z`; empty when nobody checked. */
  readonly quality: string;
}

/** Where observations come from. */
export interface ObservationSource {
  /**
   * The newest observation of a city.
   *
   * @throws NwsError when there is none
   */
  observe(city: City): Promise<CityObservation>;
}
