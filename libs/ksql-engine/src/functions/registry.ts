import type { FunctionRegistry, SqlFunction } from './function.js';
import { arrayConcat } from './scalar/array/array-concat.js';
import { arrayContains } from './scalar/array/array-contains.js';
import { arrayDistinct } from './scalar/array/array-distinct.js';
import { arrayExcept } from './scalar/array/array-except.js';
import { arrayIntersect } from './scalar/array/array-intersect.js';
import { arrayJoin } from './scalar/array/array-join.js';
import { arrayLength } from './scalar/array/array-length.js';
import { arrayMax } from './scalar/array/array-max.js';
import { arrayMin } from './scalar/array/array-min.js';
import { arrayRemove } from './scalar/array/array-remove.js';
import { arraySort } from './scalar/array/array-sort.js';
import { arrayUnion } from './scalar/array/array-union.js';
import { generateSeries } from './scalar/array/generate-series.js';
import { slice } from './scalar/array/slice.js';
import { coalesce } from './scalar/conditional/coalesce.js';
import { ifnull } from './scalar/conditional/ifnull.js';
import { nullif } from './scalar/conditional/nullif.js';
import { bigintFromBytes } from './scalar/conversions/bigint-from-bytes.js';
import { doubleFromBytes } from './scalar/conversions/double-from-bytes.js';
import { intFromBytes } from './scalar/conversions/int-from-bytes.js';
import { convertTz } from './scalar/datetime/convert-tz.js';
import { dateAdd } from './scalar/datetime/dateadd.js';
import { dateSub } from './scalar/datetime/datesub.js';
import { dateToString } from './scalar/datetime/datetostring.js';
import { formatDate } from './scalar/datetime/format-date.js';
import { formatTime } from './scalar/datetime/format-time.js';
import { formatTimestamp } from './scalar/datetime/format-timestamp.js';
import { fromDays } from './scalar/datetime/from-days.js';
import { fromUnixtime } from './scalar/datetime/from-unixtime.js';
import { parseDate } from './scalar/datetime/parse-date.js';
import { parseTime } from './scalar/datetime/parse-time.js';
import { parseTimestamp } from './scalar/datetime/parse-timestamp.js';
import { stringToDate } from './scalar/datetime/stringtodate.js';
import { stringToTimestamp } from './scalar/datetime/stringtotimestamp.js';
import { timeAdd } from './scalar/datetime/timeadd.js';
import { timestampAdd } from './scalar/datetime/timestampadd.js';
import { timestampSub } from './scalar/datetime/timestampsub.js';
import { timestampToString } from './scalar/datetime/timestamptostring.js';
import { timeSub } from './scalar/datetime/timesub.js';
import { unixDate } from './scalar/datetime/unix-date.js';
import { unixTimestamp } from './scalar/datetime/unix-timestamp.js';
import { extractJsonField } from './scalar/json/extractjsonfield.js';
import { isJsonString } from './scalar/json/is-json-string.js';
import { jsonArrayContains } from './scalar/json/json-array-contains.js';
import { jsonArrayLength } from './scalar/json/json-array-length.js';
import { jsonConcat } from './scalar/json/json-concat.js';
import { jsonItems } from './scalar/json/json-items.js';
import { jsonKeys } from './scalar/json/json-keys.js';
import { jsonRecords } from './scalar/json/json-records.js';
import { toJsonString } from './scalar/json/to-json-string.js';
import { filter } from './scalar/lambda/filter.js';
import { reduce } from './scalar/lambda/reduce.js';
import { transform } from './scalar/lambda/transform.js';
import { asMap } from './scalar/map/as-map.js';
import { entries } from './scalar/map/entries.js';
import { mapKeys } from './scalar/map/map-keys.js';
import { mapUnion } from './scalar/map/map-union.js';
import { mapValues } from './scalar/map/map-values.js';
import { abs } from './scalar/math/abs.js';
import { acos } from './scalar/math/acos.js';
import { asin } from './scalar/math/asin.js';
import { atan } from './scalar/math/atan.js';
import { atan2 } from './scalar/math/atan2.js';
import { cbrt } from './scalar/math/cbrt.js';
import { ceil } from './scalar/math/ceil.js';
import { cos } from './scalar/math/cos.js';
import { cosh } from './scalar/math/cosh.js';
import { cot } from './scalar/math/cot.js';
import { degrees } from './scalar/math/degrees.js';
import { exp } from './scalar/math/exp.js';
import { floor } from './scalar/math/floor.js';
import { greatest } from './scalar/math/greatest.js';
import { least } from './scalar/math/least.js';
import { ln } from './scalar/math/ln.js';
import { log } from './scalar/math/log.js';
import { pi } from './scalar/math/pi.js';
import { power } from './scalar/math/power.js';
import { radians } from './scalar/math/radians.js';
import { random } from './scalar/math/random.js';
import { round } from './scalar/math/round.js';
import { sign } from './scalar/math/sign.js';
import { sin } from './scalar/math/sin.js';
import { sinh } from './scalar/math/sinh.js';
import { sqrt } from './scalar/math/sqrt.js';
import { tan } from './scalar/math/tan.js';
import { tanh } from './scalar/math/tanh.js';
import { trunc } from './scalar/math/trunc.js';
import { asValue } from './scalar/other/as-value.js';
import { geoDistance } from './scalar/other/geo-distance.js';
import { regexpExtractAll } from './scalar/regex/regexp-extract-all.js';
import { regexpExtract } from './scalar/regex/regexp-extract.js';
import { regexpReplace } from './scalar/regex/regexp-replace.js';
import { regexpSplitToArray } from './scalar/regex/regexp-split-to-array.js';
import { chr } from './scalar/string/chr.js';
import { concatWs } from './scalar/string/concat-ws.js';
import { concat } from './scalar/string/concat.js';
import { elt } from './scalar/string/elt.js';
import { encode } from './scalar/string/encode.js';
import { field } from './scalar/string/field.js';
import { fromBytes } from './scalar/string/from-bytes.js';
import { initcap } from './scalar/string/initcap.js';
import { instr } from './scalar/string/instr.js';
import { lcase } from './scalar/string/lcase.js';
import { len } from './scalar/string/len.js';
import { lpad } from './scalar/string/lpad.js';
import { maskKeepLeft } from './scalar/string/mask/mask-keep-left.js';
import { maskKeepRight } from './scalar/string/mask/mask-keep-right.js';
import { maskLeft } from './scalar/string/mask/mask-left.js';
import { maskRight } from './scalar/string/mask/mask-right.js';
import { mask } from './scalar/string/mask/mask.js';
import { md5 } from './scalar/string/md5.js';
import { replace } from './scalar/string/replace.js';
import { rpad } from './scalar/string/rpad.js';
import { splitToMap } from './scalar/string/split-to-map.js';
import { split } from './scalar/string/split.js';
import { substring } from './scalar/string/substring.js';
import { toBytes } from './scalar/string/to-bytes.js';
import { trim } from './scalar/string/trim.js';
import { ucase } from './scalar/string/ucase.js';
import { uuid } from './scalar/string/uuid.js';
import { urlDecodeParam } from './scalar/url/url-decode-param.js';
import { urlEncodeParam } from './scalar/url/url-encode-param.js';
import { urlExtractFragment } from './scalar/url/url-extract-fragment.js';
import { urlExtractHost } from './scalar/url/url-extract-host.js';
import { urlExtractParameter } from './scalar/url/url-extract-parameter.js';
import { urlExtractPath } from './scalar/url/url-extract-path.js';
import { urlExtractPort } from './scalar/url/url-extract-port.js';
import { urlExtractProtocol } from './scalar/url/url-extract-protocol.js';
import { urlExtractQuery } from './scalar/url/url-extract-query.js';
import { attr } from './aggregate/attr.js';
import { avg } from './aggregate/avg.js';
import { collectList } from './aggregate/collect-list.js';
import { collectSet } from './aggregate/collect-set.js';
import { correlation } from './aggregate/correlation.js';
import { countDistinct } from './aggregate/count-distinct/count-distinct.js';
import { count } from './aggregate/count.js';
import { earliestByOffset } from './aggregate/earliest-by-offset.js';
import { histogram } from './aggregate/histogram.js';
import { latestByOffset } from './aggregate/latest-by-offset.js';
import { max } from './aggregate/max.js';
import { min } from './aggregate/min.js';
import { stddevSamp } from './aggregate/stddev-samp.js';
import { stddevSample } from './aggregate/stddev-sample.js';
import { sumList } from './aggregate/sum-list.js';
import { sum } from './aggregate/sum.js';
import { topk } from './aggregate/topk.js';
import { topkdistinct } from './aggregate/topkdistinct.js';
import { cubeExplode } from './table/cube-explode.js';
import { explode } from './table/explode.js';

/** Every built-in function; a new one is one line here. */
const BUILT_IN: readonly SqlFunction[] = [
  arrayConcat,
  arrayContains,
  arrayDistinct,
  arrayExcept,
  arrayIntersect,
  arrayJoin,
  arrayLength,
  arrayMax,
  arrayMin,
  arrayRemove,
  arraySort,
  arrayUnion,
  generateSeries,
  slice,
  coalesce,
  ifnull,
  nullif,
  bigintFromBytes,
  doubleFromBytes,
  intFromBytes,
  convertTz,
  dateAdd,
  dateSub,
  dateToString,
  formatDate,
  formatTime,
  formatTimestamp,
  fromDays,
  fromUnixtime,
  parseDate,
  parseTime,
  parseTimestamp,
  stringToDate,
  stringToTimestamp,
  timeAdd,
  timestampAdd,
  timestampSub,
  timestampToString,
  timeSub,
  unixDate,
  unixTimestamp,
  extractJsonField,
  isJsonString,
  jsonArrayContains,
  jsonArrayLength,
  jsonConcat,
  jsonItems,
  jsonKeys,
  jsonRecords,
  toJsonString,
  filter,
  reduce,
  transform,
  asMap,
  entries,
  mapKeys,
  mapUnion,
  mapValues,
  abs,
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  ceil,
  cos,
  cosh,
  cot,
  degrees,
  exp,
  floor,
  greatest,
  least,
  ln,
  log,
  pi,
  power,
  radians,
  random,
  round,
  sign,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
  trunc,
  asValue,
  geoDistance,
  regexpExtractAll,
  regexpExtract,
  regexpReplace,
  regexpSplitToArray,
  chr,
  concatWs,
  concat,
  elt,
  encode,
  field,
  fromBytes,
  initcap,
  instr,
  lcase,
  len,
  lpad,
  maskKeepLeft,
  maskKeepRight,
  maskLeft,
  maskRight,
  mask,
  md5,
  replace,
  rpad,
  splitToMap,
  split,
  substring,
  toBytes,
  trim,
  ucase,
  uuid,
  urlDecodeParam,
  urlEncodeParam,
  urlExtractFragment,
  urlExtractHost,
  urlExtractParameter,
  urlExtractPath,
  urlExtractPort,
  urlExtractProtocol,
  urlExtractQuery,
  attr,
  avg,
  collectList,
  collectSet,
  correlation,
  countDistinct,
  count,
  earliestByOffset,
  histogram,
  latestByOffset,
  max,
  min,
  stddevSamp,
  stddevSample,
  sumList,
  sum,
  topk,
  topkdistinct,
  cubeExplode,
  explode,
];

/** The built-in functions and `extra` ones, which must have names of their own. */
export function createFunctionRegistry(extra: readonly SqlFunction[] = []): FunctionRegistry {
  const functions = [...BUILT_IN, ...extra];
  const byName = new Map<string, SqlFunction>();
  for (const entry of functions) {
    if (byName.has(entry.name)) throw new Error(`two functions have the name ${entry.name}`);
    byName.set(entry.name, entry);
  }
  return { find: (name) => byName.get(name.toUpperCase()), list: () => functions };
}
