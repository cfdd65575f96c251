/** A step that this server knowingly answers otherwise than the recorded one. */
export interface Deviation {
  readonly theirs: string;
  readonly ours: string;
  readonly reason: string;
}

/**
 * Accidents of the recorded server, `scenario/step` to both answers. A step that no longer deviates, or that no recording of its
 * scenario bears, makes the run fail.
 */
export const deviations: Readonly<Record<string, Deviation>> = {
  'server/016-status-bad-type': {
    theirs: '500: no such enum constant',
    ours: '404, as for any other unknown command',
    reason: 'the request is at fault, not the server',
  },
  'server/031-ksql-with-options': {
    theirs: '405 to a page of any origin',
    ours: '403: the page is not of this server',
    reason: 'a page of another site may not use a server on this machine',
  },
  'server/042-ksql-body-empty': {
    theirs: '500: a null pointer',
    ours: '400 that says what is wrong',
    reason: 'the request is at fault, not the server',
  },
  'server/043-ksql-body-null': {
    theirs: '500 with an empty message',
    ours: '400 that says what is wrong',
    reason: 'the request is at fault, not the server',
  },
  'server/056-ksql-properties-unknown': {
    theirs: '500',
    ours: '400 that says what is wrong',
    reason: 'the request is at fault, not the server',
  },
  'server/059-ksql-properties-null-value': {
    theirs: '500: failed to deserialize',
    ours: '400 that says what is wrong',
    reason: 'the request is at fault, not the server',
  },
  'ddl/104-kafka-topics-after-drops': {
    theirs: 'a changelog of a source table',
    ours: 'none',
    reason: 'a source table is restored from its own topic',
  },
  'formats/019-records-delimited': {
    theirs: 'stops at the first null DECIMAL, restarting its thread for ever',
    ours: 'a null DECIMAL is an empty field',
    reason: 'a value that is allowed must not stop a query',
  },
  'formats/021-records-pipe': {
    theirs: 'the row with the bad BOOLEAN is left out',
    ours: 'the row is there',
    reason: 'columns that a query does not read are not decoded, so that a value of the wrong type there drops no row',
  },
  'formats/022-records-kafka-int': {
    theirs: 'the row with the bad BOOLEAN is left out',
    ours: 'the row is there',
    reason: 'columns that a query does not read are not decoded, so that a value of the wrong type there drops no row',
  },
  'formats/023-records-kafka-double': {
    theirs: 'the row with the bad BOOLEAN is left out',
    ours: 'the row is there',
    reason: 'columns that a query does not read are not decoded, so that a value of the wrong type there drops no row',
  },
  'formats/024-records-kafka-string': {
    theirs: 'the row with the bad BOOLEAN is left out',
    ours: 'the row is there',
    reason: 'columns that a query does not read are not decoded, so that a value of the wrong type there drops no row',
  },
  'formats/025-records-unwrapped': {
    theirs: 'the row with the bad BOOLEAN is left out',
    ours: 'the row is there',
    reason: 'columns that a query does not read are not decoded, so that a value of the wrong type there drops no row',
  },
  'formats/035-rows-out-del': {
    theirs: 'rows up to the first null DECIMAL',
    ours: 'all rows',
    reason: 'a value that is allowed must not stop a query',
  },
  'formats/036-rows-query-out-del': {
    theirs: 'rows up to the first null DECIMAL',
    ours: 'all rows',
    reason: 'a value that is allowed must not stop a query',
  },
  'functions/001-list': {
    theirs: 'no MD5',
    ours: 'MD5',
    reason: 'a function of a later version is there too',
  },
  'listing/024-list-functions': {
    theirs: 'no MD5',
    ours: 'MD5',
    reason: 'a function of a later version is there too',
  },
  'inserts-stream/010-bad-row-type': {
    theirs: 'no acknowledgement of the good row before the bad one, though it was written',
    ours: 'both acknowledgements',
    reason: 'what was written is acknowledged',
  },
  'inserts-stream/020-decimal': {
    theirs: 'no acknowledgement of the good row before the bad one, though it was written',
    ours: 'both acknowledgements',
    reason: 'what was written is acknowledged',
  },
  'persistent-queries/089-list-queries-paused': {
    theirs: 'state RUNNING of a paused query',
    ours: 'state PAUSED',
    reason: 'a state that says PAUSED is what a reader of the list wants to know',
  },
  'persistent-queries/096-list-queries-all-paused': {
    theirs: 'state RUNNING of a paused query',
    ours: 'state PAUSED',
    reason: 'a state that says PAUSED is what a reader of the list wants to know',
  },
  'restart/012-list-before': {
    theirs: 'state RUNNING of a paused query',
    ours: 'state PAUSED',
    reason: 'a state that says PAUSED is what a reader of the list wants to know',
  },
  'restart/016-list-after': {
    theirs: 'state RUNNING of a paused query',
    ours: 'state PAUSED',
    reason: 'a state that says PAUSED is what a reader of the list wants to know',
  },
  'persistent-queries/064-records-finals-short-retention': {
    theirs: 'windows lost at a jump of the stream time',
    ours: 'every closed window',
    reason: 'a result that is due is not lost',
  },
  'persistent-queries/114-kafka-topics-at-end': {
    theirs: 'changelogs and repartition topics named by node numbers of another engine',
    ours: 'this engine’s own internal topics',
    reason: 'internal topics are private to an engine',
  },
  'pull-queries/050-windowed-key': {
    theirs: 'the newest windows are missing though their records had been read',
    ours: 'all windows',
    reason: 'a pull query shows the committed state',
  },
  'pull-queries/051-windowed-key-query': {
    theirs: 'the newest windows are missing though their records had been read',
    ours: 'all windows',
    reason: 'a pull query shows the committed state',
  },
  'pull-queries/056-windowed-scan': {
    theirs: 'the newest windows are missing though their records had been read',
    ours: 'all windows',
    reason: 'a pull query shows the committed state',
  },
  'pull-queries/057-windowed-scan-bounds': {
    theirs: 'the newest windows are missing though their records had been read',
    ours: 'all windows',
    reason: 'a pull query shows the committed state',
  },
  'pull-queries/058-windowed-projection': {
    theirs: 'the newest windows are missing though their records had been read',
    ours: 'all windows',
    reason: 'a pull query shows the committed state',
  },
  'pull-queries/060-session-key': {
    theirs: 'the newest windows are missing though their records had been read',
    ours: 'all windows',
    reason: 'a pull query shows the committed state',
  },
  'pull-queries/063-hopping-key': {
    theirs: 'the newest windows are missing though their records had been read',
    ours: 'all windows',
    reason: 'a pull query shows the committed state',
  },
  'pull-queries/061-session-scan': {
    theirs: '200, then an error line',
    ours: 'the sessions',
    reason: 'scans of session tables work',
  },
  'pull-queries/087-pull-queries-disabled': {
    theirs: '500 with a fixed text',
    ours: '400 that names the setting',
    reason: 'the text helps',
  },
  'push-queries/030-tumbling-final': {
    theirs: 'an error line after a null value',
    ours: 'the windows',
    reason: 'a null value is no failure',
  },
  'push-queries/032-explode': {
    theirs: '400',
    ours: 'rows',
    reason: 'EXPLODE works in every query',
  },
  'push-queries/033-concat-operator': {
    theirs: '400: cannot get a name for concat',
    ours: 'rows',
    reason: '|| works',
  },
  'push-queries/042-session-variables': {
    theirs: '400: variables are not looked at',
    ours: 'the rows',
    reason: '/query takes session variables as /query-stream does',
  },
  'push-queries/044-session-variables-source-query': {
    theirs: '400: variables are not looked at',
    ours: 'the rows',
    reason: '/query takes session variables as /query-stream does',
  },
  'push-queries/061-error-bad-property-value': {
    theirs: '500 with a fixed text',
    ours: '400 that says what is wrong',
    reason: 'the request is at fault, not the server',
  },
  'push-queries/073-close-query': {
    theirs: '500: on wrong context or worker, though the query ends',
    ours: '200',
    reason: 'the query was closed',
  },
  'push-queries/076-list-queries-after-close': {
    theirs: 'the closed query is still listed',
    ours: 'it is not',
    reason: 'a closed query is gone',
  },
  'restart/017-status-after': {
    theirs: 'statuses of terminated queries are forgotten',
    ours: 'all commands of the log',
    reason: 'a command’s status outlives a restart',
  },
  'statement-errors/095-window-advance-greater-than-size': {
    theirs: '500',
    ours: '400 with the same text',
    reason: 'the statement is at fault, not the server',
  },
  'statement-errors/097-window-retention-too-short': {
    theirs: '500',
    ours: '400 with the same text',
    reason: 'the statement is at fault, not the server',
  },
  'statement-errors/135-concat-operator': {
    theirs: '400: cannot get a name for concat',
    ours: 'the stream',
    reason: '|| works',
  },
  'statement-errors/140-list-queries-at-end': {
    theirs: 'no query with ||',
    ours: 'the query with ||',
    reason: '|| works',
  },
  'statement-errors/141-kafka-topics-left-behind': {
    theirs: 'no sink of the query with ||',
    ours: 'its sink',
    reason: '|| works',
  },
  'upgrades/094-replace-aggregate-add-window': {
    theirs: '500',
    ours: '400 with the upgrade that is refused',
    reason: 'the statement is at fault, not the server',
  },
  'variables-types-properties/058-kafka-topics-after-terminate': {
    theirs: 'the topics that were to be deleted are still there',
    ours: 'the sink that was named and the command topic are gone',
    reason: 'terminating a cluster deletes what it was told to',
  },
  'upgrades/022-explain-same-statement': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/024-explain-filter-change-constant': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/026-explain-filter-change-condition': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/029-explain-filter-add-column-at-end': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/032-explain-filter-remove': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/035-explain-filter-add': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/047-explain-column-expression-change': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/057-explain-partition-by-add-column': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/069-explain-aggregate-same': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/077-explain-aggregate-add-filter-on-the-grouped-column': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/083-explain-aggregate-change-filter': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/089-explain-aggregate-change-having': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/123-explain-table-add-column-from-source': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/125-explain-table-add-filter': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/127-explain-table-remove-filter': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/129-explain-table-change-filter': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/133-explain-upstream-of-dependant': {
    theirs: '500: a null pointer',
    ours: 'the plan',
    reason: 'an upgrade that is permitted is explained',
  },
  'upgrades/065-explain-partitions-change': {
    theirs: '500',
    ours: '400 with the same text',
    reason: 'the statement is at fault, not the server',
  },
  'insert-values/023-count-mismatch': {
    theirs: 'the statement with its values masked',
    ours: 'the statement as sent',
    reason: 'ksqlDB’s own case of a later version wants the statement as it was sent (rqtt, insert-values)',
  },
  'inserts-stream/026-records-s': {
    theirs: 'ROWTIME of a row is dropped silently',
    ours: 'ROWTIME is the time of the record',
    reason: 'as INSERT INTO … VALUES has it',
  },
  'weather-demo/061-list-all-topics': {
    theirs: 'changelogs and repartition topics named by node numbers of another engine',
    ours: 'this engine’s own internal topics',
    reason: 'internal topics are private to an engine',
  },
  'weather-demo/067-kafka-topics-at-end': {
    theirs: 'changelogs and repartition topics named by node numbers of another engine',
    ours: 'this engine’s own internal topics',
    reason: 'internal topics are private to an engine',
  },
  'run-time-errors/020-explain-failing': {
    theirs: 'errors of the query that a null DECIMAL stops',
    ours: 'no errors',
    reason: 'a value that is allowed must not stop a query',
  },
  'run-time-errors/019-describe-extended-source-gone': {
    theirs: 'no reader is named once the query that read the deleted topic has ended',
    ours: 'the reader is named until it is dropped',
    reason: 'the table still reads the source and still blocks its DROP',
  },
  'run-time-errors/023-list-streams-topic-gone': {
    theirs: 'no reader is named once the query that read the deleted topic has ended',
    ours: 'the reader is named until it is dropped',
    reason: 'the table still reads the source and still blocks its DROP',
  },
  'run-time-errors/025-insert-topic-gone': {
    theirs: '200: the broker made the deleted topic anew',
    ours: '500 that says that the topic is gone',
    reason: 'a deleted topic does not come back by accident',
  },
};

/**
 * Steps whose recorded answer is one of several right ones: which of two topics a join has read first decides about its
 * intermediate rows, here as there. They pass when they agree and count as gaps when they do not.
 */
export const races: Readonly<Record<string, string>> = {
  'persistent-queries/062-records-finals-before-next-record':
    'ours gives a final result as soon as its window closes, theirs with the next record; which of the two the step sees is chance',
  'persistent-queries/058-records-fk': 'a row comes before the joined one when the other table is read later',
  'weather-demo/028-records-sensors-with-latest': 'the first reading may be read before or after the first weather',
  'weather-demo/035-records-user-weather': 'rows on the way to the last one depend on which table is read first',
  'weather-demo/036-records-user-weather-inner': 'rows on the way to the last one depend on which table is read first',
};
