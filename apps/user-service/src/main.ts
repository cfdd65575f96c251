import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { userService } from './app.module.js';

await runService(userService);
