<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/secret.xsl"/>
<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/security">Security settings</a> › <a href="/settings/security/secrets/{revoke/secret/@id}"><xsl:value-of select="revoke/secret/@secret-name"/></a></nav>
<xsl:apply-templates select="revoke"/>
</xsl:template>

<xsl:template match="revoke">
<div class="column">
<h1>Revoke <span class="scope"><xsl:value-of select="secret/@scope"/>/</span><xsl:value-of select="secret/@secret-name"/>?</h1>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-secret</xsl:with-param><xsl:with-param name="heading">h2</xsl:with-param></xsl:apply-templates>
<xsl:apply-templates select="secret" mode="ask"/>
</div>
</xsl:template>

<xsl:template match="secret[@state='revoked']" mode="ask"><p><a class="button" href="/settings/security/secrets/{@id}">Back to the secret</a></p></xsl:template>
<xsl:template match="secret" mode="ask">
<p class="lead">It is at version <strong id="revoke-version"><xsl:value-of select="@key-version"/></strong>, last rotated on <time datetime="{@rotated-at}"><xsl:value-of select="@rotated-at-text"/></time>, <xsl:apply-templates select="@state" mode="word"/>.</p>
<div class="panel alert" id="revoke-what">
<h2>What will happen</h2>
<ul>
<li>The data keys (DEKs) of all its versions are destroyed. No stored value of it can be opened again, by nobody, and no program is given it any more.</li>
<li>It is final once the backups of the database, or the root key that wraps them, are gone too: a backup together with that root key could still open it.</li>
<li>Its values stay masked in pages and logs for <xsl:value-of select="../@retention-days"/> days.</li>
<li>What is known about it, and its whole history, stay.</li>
<li>The credential itself still works at its provider. Withdraw it there as well.</li>
</ul>
</div>
<xsl:apply-templates select="../cuts"/>
<form id="settings-security-secret-revoke-confirm-form" class="panel" method="post" action="/settings/security/secrets/{@id}/revoke">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<input type="hidden" name="security_secret[expected]" value="{../@expected}"/>
<input type="hidden" name="security_secret[request]" value="{../@request}"/>
<p class="field"><label class="box" for="revoke-confirm"><input id="revoke-confirm" name="confirm" type="checkbox" value="yes" required="required"><xsl:if test="../error/@field='confirm'"><xsl:attribute name="aria-invalid">true</xsl:attribute><xsl:attribute name="aria-describedby">settings-security-secret-error</xsl:attribute></xsl:if></input><span>Yes, destroy the stored values of this secret</span></label></p>
<p class="actions"><button type="submit" class="danger">Revoke all versions</button><xsl:text> </xsl:text><a class="button quiet" href="/settings/security/secrets/{@id}">Keep it</a></p>
</form>
</xsl:template>

<xsl:template match="cuts">
<section id="revoke-cuts" aria-labelledby="revoke-cuts-heading">
<h2 id="revoke-cuts-heading">Runs that it cuts off</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:apply-templates select="." mode="list"/>
</section>
</xsl:template>
<xsl:template match="cuts[error]" mode="list"/>
<xsl:template match="cuts" mode="list"><p id="revoke-cuts-none">No run holds it now.</p></xsl:template>
<xsl:template match="cuts[run]" mode="list">
<p>These hold it, and are given no value of it any more; what they were given already they have.</p>
<ul class="runs"><xsl:apply-templates select="run"/></ul>
<xsl:if test="@complete='no'"><p id="revoke-cuts-more"><strong>There are more</strong> than the <xsl:value-of select="count(run)"/> that are named here.</p></xsl:if>
</xsl:template>
<xsl:template match="cuts/run">
<li id="revoke-cuts-run-{@id}"><strong><xsl:value-of select="@workflow"/></strong><xsl:apply-templates select="@name[.!='']"/> in <xsl:value-of select="@project"/>, <xsl:value-of select="translate(@status, '_', ' ')"/>, with version <xsl:value-of select="@key-version"/>: <code><xsl:value-of select="@id"/></code></li>
</xsl:template>
<xsl:template match="cuts/run/@name"><xsl:text> “</xsl:text><xsl:value-of select="."/><xsl:text>”</xsl:text></xsl:template>
</xsl:stylesheet>
