/** What `help` says in the console. */
export const consoleHelp = `A statement ends with a semicolon and may go over several lines.

  SHOW STREAMS; SHOW TABLES; SHOW QUERIES; SHOW TOPICS;    what there is
  DESCRIBE city_conditions;                                columns, topic and query of a stream or table
  SELECT * FROM city_conditions;                           what a table holds now
  SELECT * FROM iot_sensors_stream EMIT CHANGES LIMIT 5;   rows as they come; Ctrl-C ends it
  PRINT 'iot-sensors' FROM BEGINNING LIMIT 5;              records of a topic
  SHOW FUNCTIONS; DESCRIBE FUNCTION GEO_DISTANCE;          functions
  SET 'auto.offset.reset' = 'earliest';                    for the statements that follow; UNSET takes it back
  DEFINE city = 'Miami';                                   then \${city} stands for it; UNDEFINE takes it back

Tab completes. Ctrl-C drops what was typed or ends the query; Ctrl-D, exit or quit leave.`;

/** Whether a line at the start of a statement asks for help. */
export const asksForHelp = (line: string): boolean => /^\s*(help|\?)\s*;?\s*$/i.test(line);
