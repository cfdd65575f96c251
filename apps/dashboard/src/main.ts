import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { dashboardService } from './app.module.js';

await runService(dashboardService);
