import { CityCatalog } from '@isobar/contracts';
import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, LOGGER, Problem, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { z } from 'zod';
import { SimulatedClock } from '../publishing/simulated-clock.js';
import { ActiveScenarios } from './active-scenarios.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.token.js';

const scenarioViewSchema = z.object({
  name: z.string(),
  description: z.string(),
  active: z.object({ startedAt: z.iso.datetime(), cities: z.array(z.string()).nullable() }).nullable(),
});
type ScenarioView = z.output<typeof scenarioViewSchema>;

const startSchema = z.strictObject({
  cities: z.array(z.string()).min(1, { error: 'must name a city, or be left out for all' }).optional(),
});

@ApiTags('scenarios')
@Controller('scenarios')
export class ScenariosController {
  constructor(
    @Inject(SCENARIOS) private readonly scenarios: ReadonlyMap<string, Scenario>,
    private readonly active: ActiveScenarios,
    private readonly clock: SimulatedClock,
    private readonly catalog: CityCatalog,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All scenarios, and which are at work' })
  @ApiSchemaResponse(200, 'the scenarios', z.object({ items: z.array(scenarioViewSchema) }))
  list(): { items: ScenarioView[] } {
    return { items: [...this.scenarios.values()].map((scenario) => this.view(scenario)) };
  }

  @Post(':name/start')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a scenario work, everywhere or in some cities, beside those that do' })
  @ApiSchemaBody(startSchema)
  @ApiSchemaResponse(200, 'the scenario, at work', scenarioViewSchema)
  @ApiProblem(404, 'there is no such scenario')
  @ApiProblem(422, 'a city is not known')
  start(
    @Param('name') name: string,
    @Body(new SchemaPipe(startSchema)) { cities }: z.output<typeof startSchema>,
  ): ScenarioView {
    const scenario = this.find(name);
    const unknown = (cities ?? []).filter((id) => this.catalog.get(id) === undefined);
    if (unknown.length > 0)
      throw Problem.validation([{ pointer: '/cities', detail: `no known city: ${unknown.join(', ')}` }]);
    if (this.active.start(scenario, this.clock.nowMs(), cities))
      this.log.info({ scenario: name, cities: cities ?? 'all' }, 'scenario started');
    return this.view(scenario);
  }

  @Post(':name/stop')
  @HttpCode(200)
  @ApiOperation({ summary: 'End a scenario' })
  @ApiSchemaResponse(200, 'the scenario, at rest', scenarioViewSchema)
  @ApiProblem(404, 'there is no such scenario')
  stop(@Param('name') name: string): ScenarioView {
    const scenario = this.find(name);
    if (this.active.stop(name)) this.log.info({ scenario: name }, 'scenario stopped');
    return this.view(scenario);
  }

  private find(name: string): Scenario {
    const scenario = this.scenarios.get(name);
    if (scenario === undefined)
      throw Problem.notFound('No such scenario', `Known: ${[...this.scenarios.keys()].join(', ')}.`);
    return scenario;
  }

  private view({ name, description }: Scenario): ScenarioView {
    const active = this.active.get(name);
    return {
      name,
      description,
      active:
        active === undefined
          ? null
          : {
              startedAt: new Date(active.startedAtMs).toISOString(),
              cities: active.cities === undefined ? null : [...active.cities],
            },
    };
  }
}
