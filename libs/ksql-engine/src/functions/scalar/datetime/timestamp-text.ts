import { MS_PER_DAY } from '../../../types/civil-date.js';
import { STRING, type SqlType } from '../../../types/sql-type.js';
import type { ScalarFunction, ScalarOverload } from '../../function.js';
import { dateTimeFormatter } from '../../java-time/format.js';
import type { Moment } from '../../java-time/moment.js';
import { dateTimeParser } from '../../java-time/parse.js';
import { resolveInstant } from '../../java-time/resolve.js';
import { GMT, zoneOf, type Zone } from '../../java-time/zone.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

function momentAt(epochMs: number | bigint, zone: Zone): Moment {
  const offsetMs = zone.offsetMsAt(Number(epochMs));
  if (typeof epochMs === 'bigint') {
    const wallMs = epochMs + BigInt(offsetMs);
    const msOfDay = ((wallMs % 86_400_000n) + 86_400_000n) % 86_400_000n;
    return { days: Number((wallMs - msOfDay) / 86_400_000n), msOfDay: Number(msOfDay), zone, offsetMs };
  }
  const wallMs = epochMs + offsetMs;
  const days = Math.floor(wallMs / MS_PER_DAY);
  return { days, msOfDay: wallMs - days * MS_PER_DAY, zone, offsetMs };
}

const pattern = param('formatPattern', STRING);
const timeZone = param('timeZone', STRING);

/** FORMAT_TIMESTAMP and TIMESTAMPTOSTRING: an instant as text, in UTC unless a zone is given. */
export function timestampFormatter(
  name: string,
  description: string,
  parameterName: string,
  type: SqlType,
): ScalarFunction {
  const bind: ScalarOverload['bind'] = (_, context) => {
    const formatterOf = memoizeLast(context, dateTimeFormatter);
    return ([epochMs, format, zone]) =>
      formatterOf(format as string)(
        momentAt(epochMs as number | bigint, zone === undefined ? GMT : zoneOf(zone as string)),
      );
  };
  const instant = param(parameterName, type);
  return scalarFunction(name, 'DATE / TIME', description, [
    { parameters: [instant, pattern], returns: STRING, bind },
    { parameters: [instant, pattern, timeZone], returns: STRING, bind },
  ]);
}

/** PARSE_TIMESTAMP and STRINGTOTIMESTAMP: text to an instant, as UTC unless the text or a zone says otherwise. */
export function timestampParser(name: string, description: string, type: SqlType): ScalarFunction {
  const bind: ScalarOverload['bind'] = (_, context) => {
    const parserOf = memoizeLast(context, dateTimeParser);
    return ([text, format, zone]) =>
      resolveInstant(parserOf(format as string)(text as string), zone === undefined ? GMT : zoneOf(zone as string));
  };
  const text = param('formattedTimestamp', STRING);
  return scalarFunction(name, 'DATE / TIME', description, [
    { parameters: [text, pattern], returns: type, bind },
    { parameters: [text, pattern, timeZone], returns: type, bind },
  ]);
}
