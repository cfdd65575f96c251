/** A value as a producer in some other program writes it. */
export type ValueWriter = (value: Readonly<Record<string, unknown>>) => Buffer;

export const jsonText: ValueWriter = (value) => Buffer.from(JSON.stringify(value));
