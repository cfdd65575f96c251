package dev.isobar.bench;

import dev.isobar.bench.Rows.Calibrated;
import dev.isobar.bench.Rows.Calibration;
import dev.isobar.bench.Rows.Count;
import dev.isobar.bench.Rows.Hot;
import dev.isobar.bench.Rows.Owned;
import dev.isobar.bench.Rows.Reading;
import dev.isobar.bench.Rows.Sensor;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;

/**
 * One topology of the engine benchmark as a Kafka Streams program: exactly once, a commit every 100 ms, ksqlDB's cache of 10 MB.
 * Arguments: topology, bootstrap servers, application id, state folder, stores (rocksDB or in_memory), then name=topic pairs.
 */
public final class Peer {
  private static final Serde<String> KEY = Serdes.String();

  public static void main(String[] args) {
    Map<String, String> topics = new java.util.HashMap<>();
    for (int i = 5; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      topics.put(pair[0], pair[1]);
    }
    Properties config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2]);
    config.put(StreamsConfig.STATE_DIR_CONFIG, args[3]);
    config.put(StreamsConfig.DEFAULT_DSL_STORE_CONFIG, args[4]);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 10_000_000);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    config.put("auto.offset.reset", "earliest");
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Reading> readings =
        builder.stream(topics.get("readings"), Consumed.with(KEY, Json.serde(Reading.class)));
    define(args[0], builder, readings, topics);
    KafkaStreams streams = new KafkaStreams(builder.build(), config);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse
              .SHUTDOWN_APPLICATION;
        });
    streams.start();
  }

  private static void define(
      String topology, StreamsBuilder builder, KStream<String, Reading> readings, Map<String, String> topics) {
    String out = topics.get("out");
    switch (topology) {
      case "filter" ->
          readings
              .filter((key, row) -> row.air_quality > 50)
              .mapValues(row -> new Hot(row.city, row.temperature))
              .to(out, Produced.with(KEY, Json.serde(Hot.class)));
      case "aggregate" ->
          readings
              .groupByKey(Grouped.with(KEY, Json.serde(Reading.class)))
              .aggregate(
                  () -> new Count(0, 0),
                  (key, row, state) -> new Count(state.readings() + 1, state.total() + row.air_quality),
                  Materialized.with(KEY, Json.serde(Count.class)))
              .toStream()
              .to(out, Produced.with(KEY, Json.serde(Count.class)));
      case "window" ->
          readings
              .groupByKey(Grouped.with(KEY, Json.serde(Reading.class)))
              .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), Duration.ofMinutes(1)))
              .aggregate(
                  () -> new Count(0, 0),
                  (key, row, state) -> new Count(state.readings() + 1, state.total() + row.air_quality),
                  Materialized.with(KEY, Json.serde(Count.class)))
              .toStream()
              .to(
                  out,
                  Produced.with(
                      WindowedSerdes.timeWindowedSerdeFrom(String.class, Duration.ofMinutes(5).toMillis()),
                      Json.serde(Count.class)));
      case "stream-table" -> {
        KTable<String, Sensor> sensors =
            builder.table(topics.get("sensors"), Consumed.with(KEY, Json.serde(Sensor.class)));
        readings
            .join(
                sensors,
                (reading, sensor) -> new Owned(reading.temperature, sensor.owner),
                Joined.with(KEY, Json.serde(Reading.class), Json.serde(Sensor.class)))
            .to(out, Produced.with(KEY, Json.serde(Owned.class)));
      }
      case "stream-stream" -> {
        KStream<String, Calibration> calibrations =
            builder.stream(topics.get("calibrations"), Consumed.with(KEY, Json.serde(Calibration.class)));
        readings
            .join(
                calibrations,
                (reading, calibration) -> new Calibrated(reading.temperature, calibration.drift),
                JoinWindows.ofTimeDifferenceAndGrace(Duration.ofSeconds(10), Duration.ofMinutes(1)),
                StreamJoined.with(KEY, Json.serde(Reading.class), Json.serde(Calibration.class)))
            .to(out, Produced.with(KEY, Json.serde(Calibrated.class)));
      }
      default -> throw new IllegalArgumentException("unknown topology " + topology);
    }
  }

  private Peer() {}
}
