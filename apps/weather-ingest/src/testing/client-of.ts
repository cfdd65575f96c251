import { AnswerStore } from '../nws/answer-store.js';
import { NwsClient } from '../nws/nws-client.js';
import { RequestBudget } from '../nws/request-budget.js';
import type { FakeWeatherService } from './fake-weather-service.js';

/** A client that asks once, at once, and keeps answers in memory: for tests of what is made of them. */
export const clientOf = (service: FakeWeatherService, now: () => number): NwsClient =>
  new NwsClient({
    baseUrl: service.url,
    contact: 'x@isobar.example',
    store: new AnswerStore(undefined),
    budget: new RequestBudget(10_000),
    now,
    retryDelaysMs: [],
    spacingMs: 0,
  });
