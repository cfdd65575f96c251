import { CityCatalog } from '@isobar/contracts';
import { ApiSchemaResponse } from '@isobar/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { NwsClient } from '../nws/nws-client.js';
import { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import { StationClocks } from '../observations/station-clocks.js';

const statusSchema = z.object({
  clock: z
    .object({
      offsetSeconds: z
        .number()
        .nullable()
        .describe("our clock minus the weather service's; null: nothing was asked yet"),
      trouble: z.string().nullable().describe('what to do about it'),
    })
    .describe('compared, and never used: what lies too far ahead of our clock is refused'),
  places: z
    .array(z.object({ cityKey: z.string(), kind: z.string(), message: z.string() }))
    .describe('cities that the weather service cannot place now; what was known of them is used'),
  stations: z
    .array(
      z.object({
        cityKey: z.string(),
        stationId: z.string(),
        aheadMs: z.number().describe('how far its last observation, which was refused, lay ahead of our clock'),
        seenAt: z.iso.datetime(),
      }),
    )
    .describe('stations whose clocks run ahead'),
  refused: z
    .array(
      z.object({
        what: z.string(),
        reason: z.string(),
        count: z.int(),
        lastAt: z.iso.datetime(),
        place: z.string().nullable(),
        detail: z.string().describe('of the last one'),
      }),
    )
    .describe('what came and was not taken, by reason, since the start'),
});

@ApiTags('status')
@Controller('status')
export class StatusController {
  constructor(
    private readonly client: NwsClient,
    private readonly places: Places,
    private readonly refusals: Refusals,
    private readonly clocks: StationClocks,
    private readonly catalog: CityCatalog,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What the weather service gave that could not be used, and why' })
  @ApiSchemaResponse(200, 'the status', statusSchema)
  status(): z.output<typeof statusSchema> {
    const { offsetMs, trouble } = this.client.clock;
    return {
      clock: {
        offsetSeconds: offsetMs === undefined ? null : Math.round(offsetMs / 1_000),
        trouble: trouble ?? null,
      },
      places: this.catalog.all().flatMap((city) => {
        const error = this.places.troubleOf(city);
        return error === undefined ? [] : [{ cityKey: city.id, kind: error.kind, message: error.message }];
      }),
      stations: this.catalog.all().flatMap(({ id: cityKey }) =>
        this.clocks.fastOf(cityKey, Date.now()).map(({ stationId, aheadMs, seenAtMs }) => ({
          ...{ cityKey, stationId, aheadMs },
          seenAt: new Date(seenAtMs).toISOString(),
        })),
      ),
      refused: this.refusals.all().map(({ what, reason, count, lastAtMs, place, detail }) => ({
        what,
        reason,
        count,
        lastAt: new Date(lastAtMs).toISOString(),
        place: place ?? null,
        detail,
      })),
    };
  }
}
