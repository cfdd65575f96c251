import { z } from 'zod';
import { isVisibleText, visibleTextError } from '../text/visible-text.js';

/** Lower case, words joined by hyphens: `New York` is `new-york`. */
const slug = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** City and state together are the key: there is a Portland in Oregon and one in Maine. */
export const cityId = (name: string, state: string): string => `${slug(name)}-${state.toLowerCase()}`;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const citySchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: 'must be lower case words joined by hyphens' }),
    name: z.string().trim().min(1).max(80).refine(isVisibleText, visibleTextError),
    state: z.string().regex(/^[A-Z]{2}$/, { error: 'must be the two capital letters of a state or territory' }),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    timeZone: z.string().refine(isTimeZone, { error: 'must be an IANA time zone such as America/Chicago' }),
  })
  .refine((city) => city.id === cityId(city.name, city.state), {
    path: ['id'],
    error: (issue) => {
      const city = issue.input as { name: string; state: string };
      return `must be "${cityId(city.name, city.state)}", made of the city's name and state`;
    },
  });

export type City = Readonly<z.output<typeof citySchema>>;

export const citiesFileSchema = z.strictObject({
  version: z.literal(1),
  cities: z.array(citySchema).superRefine((cities, context) => {
    const seen = new Set<string>();
    cities.forEach((city, index) => {
      if (seen.has(city.id))
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `"${city.id}" is there twice` });
      seen.add(city.id);
    });
  }),
});
