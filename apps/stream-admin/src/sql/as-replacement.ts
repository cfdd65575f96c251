/** The statement keeps its lines, so that the place of an error in it is still right. */
export const asReplacement = (sql: string): string =>
  /\bCREATE\s+OR\s+REPLACE\b/i.test(sql) ? sql : sql.replace(/^(\s*)CREATE\b/im, '$1CREATE OR REPLACE');
