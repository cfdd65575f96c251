/** A name, number or sign of a `.proto` text as it stands there, or a text without its quotes. */
export interface ProtoToken {
  readonly kind: 'name' | 'number' | 'text' | 'sign';
  readonly text: string;
  readonly line: number;
}

const TOKEN =
  /(?<space>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>\.?\d(?:[\w.]|(?<=[eE])[+-])*)|(?<text>"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|(?<sign>[{}[\]()<>=;,.:+\-/])/gy;

/** @throws Error naming the line of what is no token */
export function protoTokens(text: string): readonly ProtoToken[] {
  const tokens: ProtoToken[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      throw new Error(`The .proto text has an unexpected sign in line ${line}: ${JSON.stringify(text[at])}`);
    const { name, number, text: quoted, sign } = match.groups as Readonly<Record<string, string | undefined>>;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, line });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, line });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: unescaped(quoted.slice(1, -1)), line });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line });
    for (const character of match[0]) if (character === '\n') line++;
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_all, sign: string) => ESCAPES[sign] ?? sign);
