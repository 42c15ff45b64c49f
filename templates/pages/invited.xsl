<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/accounts">Accounts</a></nav>
<div class="column"><xsl:apply-templates select="invited"/></div>
</xsl:template>

<xsl:template match="invited">
<h1>The invitation for <xsl:value-of select="@email"/> is made</h1>
<div class="panel notice" role="status">
<h2>Copy the link now</h2>
<p>This page is the only place that ever shows it. Whoever opens it first becomes <xsl:value-of select="@role"/>: send it by a way that only <xsl:value-of select="@email"/> reads.</p>
<p><code id="account-invitation-link" class="once"><xsl:value-of select="@site"/><xsl:value-of select="@prefix"/>/invitation?token=<xsl:value-of select="@token"/></code></p>
<p class="fine">It works once, until <time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time>.</p>
</div>
<p><a class="button" href="/settings/accounts">I have copied it</a></p>
</xsl:template>
</xsl:stylesheet>
