package dev.isobar.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/** Rows of the topics, named as ksqlDB names columns on the way out. */
final class Rows {
  /** The columns of a reading that some topology reads; Jackson skips the others. */
  static final class Reading {
    public String city;
    public double temperature;
    public int air_quality;
  }

  static final class Sensor {
    public String owner;
  }

  static final class Calibration {
    public double drift;
  }

  @JsonPropertyOrder({"CITY", "TEMPERATURE"})
  record Hot(@JsonProperty("CITY") String city, @JsonProperty("TEMPERATURE") double temperature) {}

  @JsonPropertyOrder({"READINGS", "TOTAL"})
  record Count(@JsonProperty("READINGS") long readings, @JsonProperty("TOTAL") int total) {}

  @JsonPropertyOrder({"TEMPERATURE", "OWNER"})
  record Owned(@JsonProperty("TEMPERATURE") double temperature, @JsonProperty("OWNER") String owner) {}

  @JsonPropertyOrder({"TEMPERATURE", "DRIFT"})
  record Calibrated(@JsonProperty("TEMPERATURE") double temperature, @JsonProperty("DRIFT") double drift) {}

  private Rows() {}
}
