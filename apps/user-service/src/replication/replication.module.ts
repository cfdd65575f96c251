import { Module } from '@nestjs/common';
import { ReplicationController } from './replication.controller.js';
import { Replication } from './replication.js';

@Module({ controllers: [ReplicationController], providers: [Replication] })
export class ReplicationModule {}
