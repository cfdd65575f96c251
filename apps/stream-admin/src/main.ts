import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { streamAdminService } from './app.module.js';

await runService(streamAdminService);
