/** PostgreSQL stores every character but NUL; other control characters and half characters are accidents. */
export const isPrintable = (text: string): boolean => !/\p{Cc}/u.test(text) && text.isWellFormed();
export const printable = { error: 'must not hold control characters or half characters' };
