/**
 * Record headers, in one place. `content-type` and `schema` say how to read the value; `event-id` repeats the id so that a
 * duplicate can be told without parsing; `traceparent` is the W3C trace context.
 */
export interface EventHeaders {
  readonly 'content-type'?: string;
  readonly schema?: string;
  readonly 'event-id'?: string;
  readonly source?: string;
  /** Flags that the source gave its values, such as `temperature=V humidity=Z`. */
  readonly 'quality-control'?: string;
  readonly traceparent?: string;
}

export function headersOf(schemaId: string, headers: EventHeaders): EventHeaders {
  return { 'content-type': 'application/json', schema: schemaId, ...headers };
}
