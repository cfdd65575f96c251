/**
 * What becomes of an error of one partition in a fetch answer. All that are not named here may pass by themselves or after a look who
 * leads the partition: they are tried again, not for ever.
 */
type FetchErrorClass =
  /** The position does not exist. */
  | 'outOfRange'
  /** The bytes at the position are not what a producer wrote. */
  | 'corrupt'
  /** The same request will never succeed. */
  | 'refused';

const CLASSES: Readonly<Record<string, FetchErrorClass>> = {
  OFFSET_OUT_OF_RANGE: 'outOfRange',
  CORRUPT_MESSAGE: 'corrupt',
  TOPIC_AUTHORIZATION_FAILED: 'refused',
  CLUSTER_AUTHORIZATION_FAILED: 'refused',
  INVALID_TOPIC_EXCEPTION: 'refused',
  UNSUPPORTED_COMPRESSION_TYPE: 'refused',
  UNSUPPORTED_VERSION: 'refused',
  INVALID_REQUEST: 'refused',
};

export const fetchErrorClass = (name: string): FetchErrorClass | 'later' => CLASSES[name] ?? 'later';
