import { DeadLetterBox, type KafkaClientOptions } from '@isobar/kafka';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { KAFKA_OPTIONS, kafkaOptions } from '../kafka-options.js';
import { DeadLetterIndex } from './dead-letter-index.js';
import { DeadLettersController } from './dead-letters.controller.js';

@Module({
  controllers: [DeadLettersController],
  providers: [
    DeadLetterIndex,
    { provide: KAFKA_OPTIONS, inject: [CONFIG, LOGGER], useFactory: kafkaOptions },
    {
      provide: DeadLetterBox,
      inject: [KAFKA_OPTIONS, Shutdown],
      useFactory: (options: KafkaClientOptions, shutdown: Shutdown) => {
        const box = new DeadLetterBox(options);
        shutdown.register('producers', 'dead letter replay', () => box.close());
        return box;
      },
    },
  ],
})
export class DeadLettersModule {}
