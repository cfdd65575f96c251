import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { weatherIngestService } from './app.module.js';

await runService(weatherIngestService);
