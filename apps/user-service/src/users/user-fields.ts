import { isVisibleText, visibleTextError } from '@isobar/contracts';
import { z } from 'zod';
import { pageQuerySchema } from '../page-query.js';

const temperature = z
  .number({ error: 'must be a number of degrees Fahrenheit, or null' })
  .min(-100, { error: 'must be at least -100 °F' })
  .max(150, { error: 'must be at most 150 °F' });

const fields = {
  username: z.string({ error: 'must be given' }).regex(/^[a-z0-9][a-z0-9._-]{1,39}$/, {
    error: 'must be 2 to 40 characters: small letters, digits, dots, hyphens, underscores',
  }),
  fullName: z
    .string({ error: 'must be given' })
    .trim()
    .min(1, { error: 'must not be empty' })
    .max(120)
    .refine(isVisibleText, visibleTextError),
  email: z.email({ error: 'must be a mail address' }).max(254),
  cityKey: z
    .string({ error: 'must be given' })
    .min(1, { error: 'must be the id of a city, such as chicago-il' })
    .max(120)
    .refine(isVisibleText, visibleTextError),
  tempHighF: temperature.nullable(),
  tempLowF: temperature.nullable(),
  aqiLimit: z
    .int({ error: 'must be a whole number, or null' })
    .min(0, { error: 'must be at least 0' })
    .max(1_000, { error: 'must be at most 1000' })
    .nullable(),
};

export const newUserSchema = z.strictObject({
  ...fields,
  email: fields.email.optional(),
  tempHighF: fields.tempHighF.default(90),
  tempLowF: fields.tempLowF.default(32),
  aqiLimit: fields.aqiLimit.default(100),
});
export type NewUser = z.output<typeof newUserSchema>;

export const userChangeSchema = z
  .strictObject(fields)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'must change something' });
export type UserChange = z.output<typeof userChangeSchema>;

export const userSchema = z.object({
  id: z.int(),
  username: z.string(),
  fullName: z.string(),
  email: z.string(),
  cityKey: z.string(),
  tempHighF: z.number().nullable().describe('hot above this, in degrees Fahrenheit'),
  tempLowF: z.number().nullable().describe('cold below this, in degrees Fahrenheit'),
  aqiLimit: z.int().nullable().describe('the air is bad above this index'),
  createdAt: z.iso.datetime().nullable().describe('null when the database holds no time that can be shown'),
  updatedAt: z.iso.datetime().nullable(),
});
export type UserView = z.output<typeof userSchema>;

export const userQuerySchema = z.strictObject({
  cityKey: z
    .string()
    .max(120)
    .refine(isVisibleText, visibleTextError)
    .optional()
    .describe('only the people of this city'),
  q: z
    .string()
    .trim()
    .min(1, { error: 'must not be empty' })
    .max(120)
    .refine(isVisibleText, visibleTextError)
    .optional()
    .describe('only those whose username or name begins so; capitals do not matter'),
  ...pageQuerySchema.shape,
});
export type UserQuery = z.output<typeof userQuerySchema>;
