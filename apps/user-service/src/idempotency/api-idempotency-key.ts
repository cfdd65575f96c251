import { ApiHeader } from '@nestjs/swagger';

export const ApiIdempotencyKey = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'such as a UUID: the same request with the same key is answered again within 24 hours (Idempotency-Replayed: true) and done once',
  });
