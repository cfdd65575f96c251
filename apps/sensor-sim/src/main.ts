import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { sensorSimService } from './app.module.js';

await runService(sensorSimService);
