import type { BasicUser } from './credentials.js';

/**
 * The users of Basic authentication, in the format of ksqlDB's password file: `name: password[,role …]`, lines that begin with `#`
 * are comments.
 *
 * @throws Error naming the line that cannot be read; never its content, since it holds a password.
 */
export function parseUsers(content: string): readonly BasicUser[] {
  return content.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const match = /^\s*([^:\s]+)\s*:\s*([^,]+?)\s*(?:,(.*))?$/.exec(line);
    const [, name, password, roles = ''] = match ?? [];
    if (name === undefined || password === undefined)
      throw new Error(`line ${index + 1} is not of the form "name: password,role"`);
    if (/^(OBF|MD5|CRYPT|BCRYPT|NTLM):/.test(password))
      throw new Error(`line ${index + 1} has a hashed password, which is not supported; write it in clear, mode 0600`);
    const given = roles.split(',').map((role) => role.trim());
    return [{ name, password, roles: given.filter((role) => role !== '') }];
  });
}
