const oneLine = (text) => text.replace(/\s+/g, ' ').trim();

/** What was there before the mutation. */
function originalOf({ start, end }, lines) {
  const part = lines.slice(start.line - 1, end.line);
  part[part.length - 1] = part.at(-1).slice(0, end.column - 1);
  part[0] = part[0].slice(start.column - 1);
  return oneLine(part.join('\n'));
}

/**
 * A score from a report in the mutation testing report schema. Timeouts count as noticed. A mutant that behaves like the original is no
 * gap in the tests; `equivalent` names it by file, mutator, its line of code and what replaces what, with the reason, and it leaves the
 * sum. An entry that no surviving mutant matches is stale.
 */
export function judge(report, equivalent) {
  const counts = { killed: 0, timeout: 0, survived: 0, noCoverage: 0, equivalent: 0, ignored: 0 };
  const survivors = [];
  const stale = new Set(equivalent);
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    const lines = source.split('\n');
    for (const { status, mutatorName, replacement = '', location } of mutants) {
      if (status === 'Killed' || status === 'RuntimeError' || status === 'CompileError') counts.killed += 1;
      else if (status === 'Timeout') counts.timeout += 1;
      else if (status === 'Ignored') counts.ignored += 1;
      else {
        const mutant = {
          file,
          line: location.start.line,
          mutator: mutatorName,
          code: oneLine(lines[location.start.line - 1]),
          original: originalOf(location, lines),
          replacement: oneLine(replacement),
        };
        const excuses = equivalent.filter(
          (entry) =>
            file.endsWith(`/${entry.file}`) &&
            ['mutator', 'code', 'original', 'replacement'].every(
              (name) => entry[name] === undefined || entry[name] === mutant[name],
            ),
        );
        for (const entry of excuses) stale.delete(entry);
        if (excuses.length > 0) counts.equivalent += 1;
        else {
          counts[status === 'NoCoverage' ? 'noCoverage' : 'survived'] += 1;
          survivors.push(mutant);
        }
      }
    }
  }
  const noticed = counts.killed + counts.timeout;
  const all = noticed + counts.survived + counts.noCoverage;
  // Rounded down: what misses the mark is not rounded to it.
  const scorePercent = all === 0 ? 0 : Math.floor((1000 * noticed) / all) / 10;
  return { scorePercent, ...counts, survivors, stale: [...stale] };
}
