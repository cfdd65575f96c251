/**
 * Whether the weather is a simulation, since the weather service is out of reach or was not to be asked.
 * @param token what the services ask for, where they ask
 * @returns a sentence for the user, or undefined when the weather is real or not known yet
 */
export async function describeSampleWeather(
  weatherIngestUrl: string,
  token: string | undefined,
): Promise<string | undefined> {
  const getJson = async <T>(path: string): Promise<T> => {
    const url = `${weatherIngestUrl}${path}`;
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return (await response.json()) as T;
  };
  try {
    const { items } = await getJson<{ items: { id: string }[] }>('/cities');
    const weather = await getJson<{ source: string; trouble?: { message: string } | null }>(
      `/cities/${items[0]?.id}/weather`,
    );
    if (weather.source !== 'sample') return undefined;
    const reason = weather.trouble?.message;
    return `the weather is simulated and labelled sample everywhere${reason === undefined ? '' : ` (${reason})`}`;
  } catch {
    return undefined;
  }
}
