/**
 * Whether the weather is a simulation, since the weather service is out of reach or was not to be asked.
 * @returns a sentence for the user, or undefined when the weather is real or not known yet
 */
export async function describeSampleWeather(weatherIngestUrl: string): Promise<string | undefined> {
  try {
    const { items } = await getJson<{ items: { id: string }[] }>(`${weatherIngestUrl}/cities`);
    const weather = await getJson<{ source: string; trouble?: { message: string } | null }>(
      `${weatherIngestUrl}/cities/${items[0]?.id}/weather`,
    );
    if (weather.source !== 'sample') return undefined;
    const reason = weather.trouble?.message;
    return `the weather is simulated and labelled sample everywhere${reason === undefined ? '' : ` (${reason})`}`;
  } catch {
    return undefined;
  }
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}
