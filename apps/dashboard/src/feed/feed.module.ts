import { Module } from '@nestjs/common';
import { ConditionsModule } from '../conditions/conditions.module.js';
import { FeedController } from './feed.controller.js';
import { Feed } from './feed.js';
import { ReadResults } from './read-results.js';

@Module({ imports: [ConditionsModule], controllers: [FeedController], providers: [Feed, ReadResults] })
export class FeedModule {}
