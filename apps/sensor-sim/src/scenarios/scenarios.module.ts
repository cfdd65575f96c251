import { CONFIG } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SensorSimConfig } from '../config.js';
import { FleetModule } from '../fleet/fleet.module.js';
import { SimulatedClock } from '../publishing/simulated-clock.js';
import { ActiveScenarios } from './active-scenarios.js';
import { readScenarios, type Scenario } from './scenario.js';
import { ScenariosController } from './scenarios.controller.js';
import { SCENARIOS } from './scenarios.token.js';

const hourMs = 3_600_000;

@Module({
  imports: [FleetModule],
  controllers: [ScenariosController],
  providers: [
    {
      provide: SimulatedClock,
      inject: [CONFIG],
      useFactory: (config: SensorSimConfig) =>
        new SimulatedClock({
          backMs: config.SENSOR_TIME_LAPSE_HOURS * hourMs,
          speed: config.SENSOR_TIME_LAPSE_SPEED,
          now: Date.now,
        }),
    },
    {
      provide: SCENARIOS,
      inject: [CONFIG],
      useFactory: (config: SensorSimConfig): ReadonlyMap<string, Scenario> => {
        // Whoever keeps a cities file of their own need not have scenarios beside it; a folder that was named must be there.
        const beside = join(dirname(config.CITIES_FILE), 'scenarios');
        if (config.SCENARIOS_DIR === undefined && !existsSync(beside)) return new Map();
        return readScenarios(config.SCENARIOS_DIR ?? beside);
      },
    },
    {
      provide: ActiveScenarios,
      inject: [SCENARIOS, SimulatedClock, CONFIG],
      useFactory: (scenarios: ReadonlyMap<string, Scenario>, clock: SimulatedClock, config: SensorSimConfig) => {
        const active = new ActiveScenarios();
        for (const name of config.SENSOR_SCENARIOS) {
          const scenario = scenarios.get(name);
          if (scenario === undefined)
            throw new Error(
              `SENSOR_SCENARIOS names "${name}", which is no scenario; known: ${[...scenarios.keys()].join(', ')}.`,
            );
          active.start(scenario, clock.nowMs());
        }
        return active;
      },
    },
  ],
  exports: [ActiveScenarios, SimulatedClock],
})
export class ScenariosModule {}
