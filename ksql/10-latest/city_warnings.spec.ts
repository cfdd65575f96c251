import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, warning } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('city_warnings', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('holds one warning through a chain of updates, and none after its end', () => {
    pipeline.warning('miami-fl/heat', warning(0));
    pipeline.warning('miami-fl/heat', warning(minutesMs(1), { severity: 'Severe' }));
    pipeline.warning('miami-fl/heat', warning(minutesMs(2), { event: 'Excessive Heat Warning' }));
    pipeline.warning('miami-fl/wind', warning(minutesMs(3), { event: 'Wind Advisory' }));
    const warnings = pipeline.table('city-warnings').get('miami-fl');
    expect(warnings).toEqual({ ACTIVE_WARNINGS: 2, WARNINGS: ['Excessive Heat Warning', 'Wind Advisory'] });
    pipeline.warning('miami-fl/heat', warning(minutesMs(4), { status: 'cancelled' }));
    pipeline.warning('miami-fl/wind', warning(minutesMs(5), { status: 'expired' }));
    expect(pipeline.table('city-warnings').get('miami-fl')).toEqual({ ACTIVE_WARNINGS: 0, WARNINGS: [] });
  });
});
