import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, ParseIntPipe, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { mailAddressChangeSchema, MailAddresses, mailAddressSchema, type MailAddressView } from './mail-addresses.js';

const tokenSchema = z.strictObject({
  token: z.string({ error: 'must be given: open the link of the mail' }).regex(/^[\w-]{43}$/, {
    error: 'must be that of a link in a mail',
  }),
});
type Token = z.output<typeof tokenSchema>;

const html = 'text/html; charset=utf-8';

/** What a link opens asks once more: programs that look at mail follow links, and must not decide. */
const page = (title: string, button: string | undefined): string =>
  [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${title}</title><h1>${title}</h1>`,
    ...(button === undefined ? [] : [`<form method="post"><button>${button}</button></form>`]),
  ].join('\n');

@ApiTags('mail')
@Controller()
export class MailController {
  constructor(private readonly addresses: MailAddresses) {}

  @Get('users/:userId/email')
  @ApiOperation({ summary: "Where a person's notices are mailed, and how that goes" })
  @ApiSchemaResponse(200, 'the address', mailAddressSchema)
  @ApiProblem(404, 'there is no such person, or no address')
  @ApiProblem(503, 'the database is not ready')
  get(@Param('userId', ParseIntPipe) userId: number): Promise<MailAddressView> {
    return this.addresses.get(userId);
  }

  @Put('users/:userId/email')
  @ApiOperation({ summary: 'Have notices mailed; the address is asked for a confirmation first' })
  @ApiSchemaBody(mailAddressChangeSchema)
  @ApiSchemaResponse(200, 'the address', mailAddressSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(409, 'this service has no mail server, or another change of the same person did not end in time')
  @ApiProblem(422, 'the address cannot be accepted')
  @ApiProblem(429, 'the address was asked for a confirmation three times within a day, by whomever')
  @ApiProblem(503, 'the database is not ready')
  async set(
    @Param('userId', ParseIntPipe) userId: number,
    @Body(new SchemaPipe(mailAddressChangeSchema)) { address }: z.output<typeof mailAddressChangeSchema>,
  ): Promise<MailAddressView> {
    return this.addresses.set(userId, address);
  }

  @Delete('users/:userId/email')
  @HttpCode(204)
  @ApiOperation({ summary: 'Mail no more' })
  @ApiSchemaResponse(204, 'the address is gone')
  @ApiProblem(404, 'there is no such person, or no address')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(503, 'the database is not ready')
  async remove(@Param('userId', ParseIntPipe) userId: number): Promise<void> {
    await this.addresses.remove(userId);
  }

  @Get('email/confirm')
  @Header('Content-Type', html)
  @ApiOperation({ summary: 'The page behind the link that asks for a confirmation' })
  @ApiQuery({ name: 'token', required: true, description: 'of the link' })
  @ApiProduces('text/html')
  @ApiResponse({ status: 200, description: 'a page with a button', content: { 'text/html': {} } })
  @ApiProblem(422, 'this is no link of a mail')
  askConfirm(@Query(new SchemaPipe(tokenSchema)) _: Token): string {
    return page('Do you want your alerts by mail?', 'Yes, mail them to me');
  }

  @Post('email/confirm')
  @HttpCode(200)
  @Header('Content-Type', html)
  @ApiOperation({ summary: 'Confirm a mail address' })
  @ApiQuery({ name: 'token', required: true, description: 'of the link' })
  @ApiProduces('text/html')
  @ApiResponse({ status: 200, description: 'it is confirmed', content: { 'text/html': {} } })
  @ApiProblem(404, 'the link is worth nothing any more')
  @ApiProblem(409, 'another change did not end in time')
  @ApiProblem(422, 'this is no link of a mail')
  @ApiProblem(503, 'the database is not ready')
  async confirm(@Query(new SchemaPipe(tokenSchema)) { token }: Token): Promise<string> {
    await this.addresses.confirm(token);
    return page('Your alerts will be mailed to you.', undefined);
  }

  @Get('email/unsubscribe')
  @Header('Content-Type', html)
  @ApiOperation({ summary: 'The page behind the link by which a person gets no more mail' })
  @ApiQuery({ name: 'token', required: true, description: 'of the link' })
  @ApiProduces('text/html')
  @ApiResponse({ status: 200, description: 'a page with a button', content: { 'text/html': {} } })
  @ApiProblem(422, 'this is no link of a mail')
  askUnsubscribe(@Query(new SchemaPipe(tokenSchema)) _: Token): string {
    return page('Do you want no more mail of your alerts?', 'No more mail');
  }

  @Post('email/unsubscribe')
  @HttpCode(200)
  @Header('Content-Type', html)
  @ApiOperation({ summary: 'Get no more mail (RFC 8058)' })
  @ApiQuery({ name: 'token', required: true, description: 'of the link' })
  @ApiProduces('text/html')
  @ApiResponse({ status: 200, description: 'no more mail comes', content: { 'text/html': {} } })
  @ApiProblem(404, 'the link is worth nothing any more')
  @ApiProblem(409, 'another change did not end in time')
  @ApiProblem(422, 'this is no link of a mail')
  @ApiProblem(503, 'the database is not ready')
  async unsubscribe(@Query(new SchemaPipe(tokenSchema)) { token }: Token): Promise<string> {
    await this.addresses.unsubscribe(token);
    return page('No more mail of your alerts will come.', undefined);
  }
}
