/** Where cities are: the list that people keep, and what was added and removed while the system ran. */
export interface CitiesFiles {
  readonly file: string;
  /** Without it, additions go into the list itself. */
  readonly addedFile?: string | undefined;
}

const defaults = { file: 'config/cities.json', addedFile: '.isobar/data/cities.json' } as const;

/** The variables by which each service that knows cities finds them. */
export const citiesVariables = {
  CITIES_FILE: { what: 'the file that lists the cities', default: defaults.file },
  CITIES_ADDED_FILE: {
    what: `the file of the cities that were added or removed since (default: ${defaults.addedFile} beside the default list, the list itself beside another)`,
  },
} as const;

/** Whoever keeps a list of their own has additions written into it; the default list is under version control. */
export const citiesFiles = (variables: {
  readonly CITIES_FILE: string;
  readonly CITIES_ADDED_FILE?: string | undefined;
}): CitiesFiles => ({
  file: variables.CITIES_FILE,
  addedFile: variables.CITIES_ADDED_FILE ?? (variables.CITIES_FILE === defaults.file ? defaults.addedFile : undefined),
});
